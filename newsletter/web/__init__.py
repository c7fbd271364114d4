"""HTTP is a skin over the verbs: forms, pages and the JSON endpoint."""
