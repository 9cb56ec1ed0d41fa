"""The pages of the documentation, as their tests read them: code blocks, and links of the built site."""
