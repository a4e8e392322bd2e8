"""In which order files are imported: what others refer to comes first."""

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

__all__ = ["in_dependency_order"]


def in_dependency_order(objects: Sequence[str], needs: Mapping[str, Collection[str]]) -> list[str]:
    """The objects, each after those that it refers to; else as they are given.

    Objects that refer to each other stay as they are given: then a reference to what is not there yet fails, and is
    there when the job is repeated.

    Args:
        objects: What is imported.
        needs: The objects that each refers to; those that are not imported count for nothing.
    """
    place = {name: number for number, name in enumerate(objects)}
    edges = {
        name: {need for need in needs.get(name, ()) if need in place and need != name} for name in objects
    }
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError:
        return list(objects)
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        ordered += ready
        sorter.done(*ready)
    return ordered
