print("claude-proxy")
