"""A clerk at the desk of a running application, and the worker behind it."""

from io import BytesIO
from typing import Any

import openpyxl
import psycopg

from geodata.database import connect
from geodata.desk import work
from tests.service.conftest import Service

PATH = "/api/v1/loads"
GOOD = "工号,姓名,联系电话\nW11,样例-甲,13800000001\nW12,样例-乙,13800000002\n".encode()


class Desk:
    """A clerk at the desk, and a worker that does the jobs when told to."""

    def __init__(self, service: Service, role: str = "clerk") -> None:
        self.service = service
        self.role = role

    def ask(self, method: str, path: str = "", **given: Any) -> Any:
        headers = {**self.service.headers(given.pop("role", self.role)), **given.pop("headers", {})}
        return self.service.client.request(method, PATH + path, headers=headers, **given)

    def get(self, path: str = "", **params: Any) -> Any:
        response = self.ask("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def bring(self, content: bytes, file: str = "名册.csv", **params: Any) -> dict[str, Any]:
        response = self.ask("POST", params={"file": file, **params}, content=content)
        assert response.status_code == 201, response.text
        return response.json()  # type: ignore[no-any-return]

    def work(self) -> None:
        """Do every job that waits, as the worker would."""
        url = self.service.database_url
        while True:
            with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
                job = connection.execute(
                    """UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (
                        SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'desk:%')
                    RETURNING task_name, args"""
                ).fetchone()
            if job is None:
                return
            task = {"check": work.check_load, "commit": work.commit_load, "undo": work.undo_load}
            task[job[0].removeprefix("desk:")](url, **job[1])

    def checked(self, content: bytes, file: str = "名册.csv", **params: Any) -> dict[str, Any]:
        made = self.bring(content, file, **params)
        self.work()
        return self.get(f"/{made['id']}")  # type: ignore[no-any-return]

    def step(self, load: dict[str, Any], what: str, **given: Any) -> dict[str, Any]:
        response = self.ask("POST", f"/{load['id']}/{what}", json={"version": load["version"]}, **given)
        assert response.status_code in (200, 202), response.text
        self.work()
        return self.get(f"/{load['id']}")  # type: ignore[no-any-return]


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def names(service: Service) -> set[str]:
    with connect(service.database_url) as connection:
        rows = connection.execute(
            "SELECT name FROM worker_versions WHERE withdrawn_at IS NULL AND upper_inf(period)"
        ).fetchall()
    return {name for (name,) in rows}
