"""How newsletters look: template folders made, checked, shown with the nastiest texts, compared."""
