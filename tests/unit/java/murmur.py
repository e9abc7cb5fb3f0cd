"""MurmurHash3 of 128 and of 32 bits, written from its description: the functions' own comes from a library.

https://en.wikipedia.org/wiki/MurmurHash describes the variant of 32 bits;
https://github.com/aappleby/smhasher/wiki/MurmurHash3 names the mixing constants of the variant of 128 bits.
"""

from __future__ import annotations

_WHOLE, _HALF = 2**64 - 1, 2**32 - 1
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def hash128(data: bytes, seed: int) -> list[int]:
    """Return the two signed numbers of 64 bits that stand for the bytes."""
    low = high = seed & _HALF
    body = len(data) - len(data) % 16
    for at in range(0, body, 16):
        first, second = (int.from_bytes(data[n : n + 8], "little") for n in (at, at + 8))
        low ^= _scrambled(first, 31, _C1, _C2)
        low = ((_turned(low, 27) + high) * 5 + 0x52DCE729) & _WHOLE
        high ^= _scrambled(second, 33, _C2, _C1)
        high = ((_turned(high, 31) + low) * 5 + 0x38495AB5) & _WHOLE
    rest = data[body:]
    high ^= _scrambled(int.from_bytes(rest[8:], "little"), 33, _C2, _C1)
    low ^= _scrambled(int.from_bytes(rest[:8], "little"), 31, _C1, _C2)
    low, high = low ^ len(data), high ^ len(data)
    low = (low + high) & _WHOLE
    high = (high + low) & _WHOLE
    low, high = _mixed(low), _mixed(high)
    low = (low + high) & _WHOLE
    high = (high + low) & _WHOLE
    return [_signed(low, 64), _signed(high, 64)]


def hash32(data: bytes, seed: int) -> int:
    """Return the unsigned number of 32 bits that stands for the bytes."""
    value = seed & _HALF
    body = len(data) - len(data) % 4
    for at in range(0, body, 4):
        value ^= _scrambled32(int.from_bytes(data[at : at + 4], "little"))
        value = (_turned(value, 13, 32) * 5 + 0xE6546B64) & _HALF
    value ^= _scrambled32(int.from_bytes(data[body:], "little")) ^ len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & _HALF
    value = (value ^ value >> 13) * 0xC2B2AE35 & _HALF
    return value ^ value >> 16


def _turned(value: int, by: int, bits: int = 64) -> int:
    return (value << by | value >> (bits - by)) & ((1 << bits) - 1)


def _scrambled(value: int, by: int, before: int, after: int) -> int:
    return _turned(value * before & _WHOLE, by) * after & _WHOLE


def _scrambled32(value: int) -> int:
    return _turned(value * 0xCC9E2D51 & _HALF, 15, 32) * 0x1B873593 & _HALF


def _mixed(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _WHOLE
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _WHOLE
    return value ^ value >> 33


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
