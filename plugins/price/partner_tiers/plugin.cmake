tend_plugin(price partner_tiers)
