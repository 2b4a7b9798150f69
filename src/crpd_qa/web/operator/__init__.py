"""The operator's page: documents come into the library without a terminal. Visitors never see it."""

from crpd_qa.web.operator.pages import larger_bodies, operator_router
from crpd_qa.web.operator.work import Work

__all__ = ["Work", "larger_bodies", "operator_router"]
