"""Opening a database, adding measurements, reading them back; every failure as one line about the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from advisor.errors import DataError, InputError
from advisor.store.locations import exists, sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from sqlalchemy import Engine

    from advisor.domain.measurement import Measurement


class Store:
    """An open database. Use it as a context manager, or close it."""

    def __init__(self, url: str, engine: Engine) -> None:
        self._url = url
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(self, measurements: Iterable[Measurement]) -> int:
        """Add measurements, all or none, and return how many they were.

        Raises
        ------
        DataError
            If the database cannot be written, holds a measurement with the same id already, or one cannot be right.
        """
        from sqlalchemy.orm import Session  # noqa: PLC0415 - see the package

        from advisor.store.tables import Base, MeasurementRow  # noqa: PLC0415 - likewise

        rows = [MeasurementRow.of(measurement) for measurement in self._sound(measurements)]
        with _told(self._url):
            Base.metadata.create_all(self._engine)
            with Session(self._engine) as session, session.begin():
                session.add_all(rows)
        return len(rows)

    def measurements(self) -> tuple[Measurement, ...]:
        """Return all measurements in the order they came in. A database without the table has none.

        Raises
        ------
        DataError
            If the database cannot be read, or holds something else.
        """
        from sqlalchemy import inspect, select  # noqa: PLC0415 - see the package
        from sqlalchemy.orm import Session  # noqa: PLC0415 - likewise

        from advisor.store.tables import MeasurementRow  # noqa: PLC0415 - likewise

        with _told(self._url):
            if not inspect(self._engine).has_table(MeasurementRow.__tablename__):
                return ()
            with Session(self._engine) as session:
                rows = session.scalars(select(MeasurementRow).order_by(MeasurementRow.row))
                return tuple(self._sound(row.measurement() for row in rows))

    def _sound(self, measurements: Iterable[Measurement]) -> Iterator[Measurement]:
        """Pass measurements on, and stop at one that cannot be."""
        for measurement in measurements:
            if measurement.flaw:
                where = str(sqlite_file(self._url) or self._url)
                raise DataError(where, f"measurement {measurement.id}: {measurement.flaw}", hint="correct or remove it")
            yield measurement


def open_store(url: str) -> Store:
    """Open a database, and make the folder of a SQLite file that is yet to come.

    Raises
    ------
    InputError
        If the URL is none that SQLAlchemy knows, or its driver is not installed.
    DataError
        If the folder cannot be made.
    """
    from sqlalchemy import create_engine  # noqa: PLC0415 - see the package
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - likewise

    try:
        engine = create_engine(url)
    except ArgumentError as problem:
        raise InputError(f"cannot use the database {url!r}: {problem}", hint="write sqlite:///runs.db") from None
    except ModuleNotFoundError as problem:
        raise InputError(f"the database {url!r} needs {problem.name}", hint=f"pip install {problem.name}") from None
    _make_folder(url)
    return Store(url, engine)


def read_measurements(url: str) -> tuple[Measurement, ...]:
    """Return the measurements of a database, none if there is no such file yet."""
    if not exists(url):
        return ()
    with open_store(url) as store:
        return store.measurements()


def _make_folder(url: str) -> None:
    path = sqlite_file(url)
    try:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DataError(str(path), f"cannot make its folder: {problem.strerror}") from None


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what a database complains about into one line that names it."""
    from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError  # noqa: PLC0415 - see the package

    where = str(sqlite_file(url) or url)
    try:
        yield
    except IntegrityError:
        raise DataError(where, "holds one of these measurements already", hint="runs are added once") from None
    except DBAPIError as problem:
        raise DataError(where, " ".join(str(problem.orig).split()), hint="name another database") from None
    except (SQLAlchemyError, ValueError, TypeError) as problem:
        raise DataError(where, " ".join(str(problem).split())) from None
