"""How dates are written on staff pages, where Django's own format is not to the point."""
