"""The graph that autograd keeps."""


def leads_to(start: object, end: object) -> bool:
    """Whether a walk along the graph, from a result to what it was made of, meets a node.

    Args:
        start: ``grad_fn`` of the result; None leads nowhere.
        end: the node.
    """
    waiting, seen = [start], set()
    while waiting:
        node = waiting.pop()
        if node is end:
            return True
        if node is None or node in seen:
            continue
        seen.add(node)
        waiting += [before for before, _ in node.next_functions]
    return False
