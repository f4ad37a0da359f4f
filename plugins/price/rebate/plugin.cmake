tend_plugin(price rebate)
