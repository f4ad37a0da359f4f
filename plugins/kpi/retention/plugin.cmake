tend_plugin(kpi retention)
