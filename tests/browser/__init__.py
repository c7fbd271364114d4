"""Our pages and mails in the system's Chromium, as people and their programs meet them."""
