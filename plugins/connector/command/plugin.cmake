tend_plugin(connector command)
