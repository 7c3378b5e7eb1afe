"""Where each mark of a chart stands. Pure: no Django, no words, no colours.

Functions take plain values and hand over frozen drawings whose coordinates are
ready strings for an SVG template (templates/staff/charts/): a template must not
format them, since a locale would write 27,6.
"""
