tend_plugin(sink jsonl)
