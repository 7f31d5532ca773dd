"""The statement as HTML, drawn by WeasyPrint; imported by the one process that measures it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

import letters

FONTS = Path(letters.__file__).parent / "fonts"
MONEY = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "balance")
AGES = ("age_current", "age_31", "age_61", "age_91", "age_121")
STYLE = f"""
@font-face{{font-family:A;src:url(file://{FONTS}/AtkinsonHyperlegible-Regular.ttf)}}
@font-face{{font-family:A;font-weight:bold;src:url(file://{FONTS}/AtkinsonHyperlegible-Bold.ttf)}}
@page{{size:letter;margin:.75in .6in .6in;@top-left{{content:string(what);font:8pt A}}
@bottom-right{{content:counter(page) " / " counter(pages);font:8pt A}}}}
@page:first{{margin-bottom:3.7in;@top-left{{content:none}}@bottom-right{{content:none}}
@bottom-left{{content:element(slip);width:100%;vertical-align:top}}}}
body{{font:9.5pt A;color:#1b2430}}.what{{string-set:what content();height:0;overflow:hidden}}
.head{{position:relative;height:2.95in}}.head>div{{position:absolute}}
.soft,small{{color:#4d5a6a;font-size:8pt}}h1,h2{{color:#1c5566;font-size:11pt;margin:8pt 0 5pt}}
.call{{background:#f1f5f6;border-left:2.5pt solid #1c5566;padding:7pt 9pt}}
table{{width:100%;border-collapse:collapse;font-size:9pt}}td,th{{text-align:right;padding:3pt;
vertical-align:bottom;font-variant-numeric:tabular-nums}}
th{{font-size:8pt;border-bottom:.8pt solid}}td:first-child,th:first-child{{text-align:left}}
.last td{{border-bottom:.4pt solid #b9c3cf;font-size:8.5pt}}.last td:first-child{{padding-left:12pt}}
.slip{{position:running(slip);border-top:.6pt dashed;height:3in;font-size:9pt}}
.slip div{{position:absolute}}.scan{{font:11pt DejaVu Sans Mono}}
"""


def weasyprint(said: Callable[[dict[str, Any]], Any], code: Callable[[str], str]) -> Callable[[Any], bytes]:
    """The same pages, tagged."""
    fonts = FontConfiguration()

    def draw(given: dict[str, Any]) -> bytes:
        made: bytes = HTML(string=_page(said(given), code(given["pay_link"]))).write_pdf(
            pdf_variant="pdf/ua-1", font_config=fonts
        )
        return made

    return draw


def _page(made: dict[str, Any], image: str) -> str:
    shown, label, words = made["facts"], made["label"], made["words"]
    paragraphs = {name: "".join(f"<p>{one}</p>" for one in listed) for name, listed in words.items()}
    notices = "".join(f"<p><b>{one['head']}.</b> {one['words']}</p>" for one in shown["notices"])
    place = "<br>".join(shown[one] for one in ("guarantor", "street", "street2", "place") if shown[one])
    ages = "".join(f"<th>{label[one]}</th>" for one in AGES)
    return (
        f"<html lang=en><head><title>Statement</title><style>{STYLE}</style></head><body>"
        f"<div class=what>{shown['practice']}, {label['number']} {shown['number']}</div>{_slip(made, image)}"
        f"<div class=head><div><b>{shown['practice']}</b><br><small>{shown['practice_street']}<br>"
        f"{shown['practice_place']}<br>{shown['phone']}</small></div><div style='right:0;text-align:right'>"
        f"<h1>{label['statement']}</h1>{label['number']} {shown['number']}<br>{label['day']} "
        f"{shown['day']}<br>{label['account']} {shown['account']}</div>"
        f"<div style='left:.3in;top:1.6in'>{place}</div>"
        f"<div class=call style='right:0;top:1.3in'>{label['amount_due']}<br><b>{shown['amount_due']}</b><br>"
        f"{label['due_on']} <b>{shown['due_on']}</b></div></div>"
        f"{paragraphs['message_first']}<div class=call>{paragraphs['assistance']}</div>"
        f"<h2>{label['your_visits']}</h2>{_visits(shown, label)}<h2>{label['ages']}</h2>"
        f"<table><thead><tr>{ages}</tr></thead><tr>{''.join(f'<td>{shown[one]}</td>' for one in AGES)}</tr>"
        f"</table>{paragraphs['last_paid']}<h2>{label['good_to_know']}</h2>{paragraphs['questions']}"
        f"{paragraphs['ways']}{paragraphs['returned_check']}{notices}<b>{paragraphs['language_help']}</b>"
        "</body></html>"
    )


def _visits(shown: dict[str, Any], label: dict[str, str]) -> str:
    rows = ""
    for one in shown["visits"]:
        money = "".join(f"<td>{one[name]}</td>" for name in MONEY)
        rows += (
            f"<tr><td><b>{one['day']}</b> · {one['patient']}<br><small>{label['visit']} {one['visit']} · "
            f"{one['provider']}, {one['place']}</small></td>{money}</tr>"
        )
        for line in shown["lines"]:
            if line["visit"] == one["visit"]:
                words = f"{line['words']} <small>{line['code']}</small>"
                rows += f"<tr class=last><td>{words}</td><td>{line['charge']}</td><td colspan=5></td></tr>"
    totals = "".join(f"<td><b>{shown[f'total_{name}']}</b></td>" for name in MONEY)
    head = "".join(f"<th>{label[one]}</th>" for one in ("words", *MONEY))
    total = f"<tr><td><b>{label['total']}</b></td>{totals}</tr>"
    return f"<table><thead><tr>{head}</tr></thead>{rows}{total}</table>"


def _slip(made: dict[str, Any], image: str) -> str:
    shown, label = made["facts"], made["label"]
    figures = "".join(
        f"{label[one]} {shown[one]}<br>" for one in ("account", "number", "due_on", "amount_due")
    )
    return (
        f"<div class=slip><p style='text-align:center' class=soft>{label['slip']}</p><div>{label['payable']}"
        f"<br>{shown['remit_name']}<br>{shown['remit_street']}<br>{shown['remit_place']}</div>"
        f"<div style='right:0'>{figures}<p style='border:.8pt solid;height:.5in'>{label['enclosed']}</p>"
        f"{shown['guarantor']}</div><div style='top:1.4in'><img style='width:.95in' alt='{label['qr_alt']}' "
        f"src='data:image/svg+xml;base64,{image}'> <b>{label['scan']}</b> {shown['pay_url']} "
        f"<small>{label['no_cards']}</small></div>"
        f"<div class=scan style='top:2.7in'>{shown['scan_line']}</div></div>"
    )
