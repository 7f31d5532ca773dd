"""What every response carries (W1). No inline script or style exists anywhere, so the policy needs no
exception.
"""

from flask import Flask, Response, request

from app.kernel.settings import settings

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws its ticks and arrows as data: images; a picture cannot act
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def install(app: Flask) -> None:
    """Put the headers on every response, errors and static files included."""
    app.after_request(add_headers)


def add_headers(answer: Response) -> Response:
    """The security headers; nothing but static files is ever stored by a browser or proxy."""
    for name, value in ALWAYS.items():
        answer.headers[name] = value
    if settings().behind_tls:
        answer.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    if request.endpoint == "static" and answer.status_code in (200, 304):
        # The address of a static file holds its hash: what is kept is never stale.
        kept = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        answer.headers["Cache-Control"] = kept
    else:
        answer.headers["Cache-Control"] = "no-store"
    answer.headers.pop("Server", None)
    return answer
