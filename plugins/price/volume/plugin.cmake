tend_plugin(price volume)
