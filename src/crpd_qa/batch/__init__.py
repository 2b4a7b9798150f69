"""Rows of questions in (CSV, TSV, XLSX, JSONL, TXT), rows of answers out (JSONL, CSV, XLSX)."""

from crpd_qa.batch.question import BadRow, BatchQuestion
from crpd_qa.batch.rows import INPUTS, Questions, read_questions
from crpd_qa.batch.run import OUTPUTS, BatchReport, run_batch

__all__ = ["INPUTS", "OUTPUTS", "BadRow", "BatchQuestion", "BatchReport", "Questions", "read_questions", "run_batch"]
