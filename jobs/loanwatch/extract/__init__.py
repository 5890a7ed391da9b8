"""Regulatory forms as data: what a form asks for (`layout`), as the regulator's own workbook says it (`workbooks`)."""
