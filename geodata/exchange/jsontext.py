"""JSON read value by value from a file, so that memory holds one feature and not the file."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from geodata.errors import FileError

BLOCK: Final = 2**20
LONGEST_VALUE: Final = 32 * 2**20
_BLANK: Final = " \t\r\n\x1e"
# A value cut off by the end of the block fails within its last characters, or at the start of an open string.
_CUT: Final = 32


class JsonText:
    """Cursor in a JSON text.

    Parameters
    ----------
    path
        A file in UTF-8, with or without byte order mark.

    Raises
    ------
    FileError
        From every method: the text is no JSON, no UTF-8, nested too deeply, or one value is too large.
    """

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def __enter__(self) -> "JsonText":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def peek(self) -> str:
        """Next character that is not blank, empty at the end."""
        while True:
            text = self._text
            while self._at < len(text) and text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(text) or not self._more(BLOCK):
                return text[self._at : self._at + 1] if self._at < len(text) else ""

    def take(self, sign: str) -> bool:
        """Whether the next character is `sign`; passes over it."""
        if self.peek() != sign:
            return False
        self._at += 1
        return True

    def expect(self, sign: str) -> None:
        """Pass over a character that must stand here."""
        if not self.take(sign):
            raise no_json(f"“{sign}” is missing", f"缺少“{sign}”")

    def value(self) -> Any:
        """Next value, whole. NaN and infinities are kept as floats: they are for the caller to judge."""
        if not self.peek():
            raise no_json("it ends too early", "内容不完整")
        amount = BLOCK
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _CUT
                if self._ended or not cut:
                    raise no_json(error.msg, f"语法错误（{error.msg}）") from error
            except RecursionError as error:
                raise no_json("it is nested too deeply", "嵌套过深") from error
            except ValueError as error:
                raise no_json("a number has too many digits", "数字位数过多") from error
            else:
                # A number at the end of the block may go on in the next.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return found
            if len(self._text) - self._at > LONGEST_VALUE:
                raise FileError(
                    f"One value of the JSON text is larger than {LONGEST_VALUE // 2**20} MiB.",
                    f"JSON 中有一个值超过 {LONGEST_VALUE // 2**20} MiB。",
                )
            self._more(amount)
            amount *= 2

    def members(self) -> Iterator[str]:
        """Names of an object's members; the caller reads the value of each before going on."""
        self.expect("{")
        if self.take("}"):
            return
        while True:
            if self.peek() != '"':
                raise no_json("a member has no name", "有成员没有名称")
            name = self.value()
            self.expect(":")
            yield name
            if self.take("}"):
                return
            self.expect(",")

    def items(self) -> Iterator[Any]:
        """Values of an array."""
        self.expect("[")
        if self.take("]"):
            return
        while True:
            yield self.value()
            if self.take("]"):
                return
            self.expect(",")

    def _more(self, amount: int) -> bool:
        """Whether there was more text to read."""
        if self._ended:
            return False
        raw = self._stream.read(amount)
        self._ended = not raw
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise FileError("The JSON text is not UTF-8.", "JSON 文本不是 UTF-8 编码。") from error
        self._text = self._text[self._at :] + text
        self._at = 0
        return True


def no_json(why: str, why_zh: str) -> FileError:
    """Error for text that is no JSON.

    Parameters
    ----------
    why, why_zh
        What is wrong with it, in English and Chinese.
    """
    return FileError(f"The file is no sound JSON: {why}.", f"文件不是有效的 JSON：{why_zh}。")
