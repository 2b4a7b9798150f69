"""python -m crpd_qa"""

from crpd_qa.cli import app

app(prog_name="crpd-qa")
