"""The admin shell's settings: names, and the colours of our pages as unfold's scales."""

UNFOLD = {
    "SITE_TITLE": "Verbatim",
    "SITE_HEADER": "Verbatim",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    # The colour roles of templates/static/staff/shell.css, as unfold's scales.
    "COLORS": {
        "base": {
            "50": "#f5f6f7",
            "100": "#f0f2f4",
            "200": "#e2e5e9",
            "300": "#ccd1d8",
            "400": "#949daa",
            "500": "#616a77",
            "600": "#454d59",
            "700": "#3a414b",
            "800": "#272c33",
            "900": "#15181c",
            "950": "#0e1013",
        },
        "primary": {
            "50": "#f3f6fe",
            "100": "#e8eefc",
            "200": "#cfdcfa",
            "300": "#a9c2fb",
            "400": "#8fb2ff",
            "500": "#7ea4ff",
            "600": "#1d4ed8",
            "700": "#1a45bf",
            "800": "#1b3a94",
            "900": "#1b2744",
            "950": "#121a2f",
        },
    },
}
