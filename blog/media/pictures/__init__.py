"""Pictures that somebody sent, made right: pixels alone, turned, in sRGB, and written again."""
