tend_plugin(kpi satisfaction LIBRARIES m)
