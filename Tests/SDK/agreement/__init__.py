"""What the official SDKs think of the translation engine's work."""
