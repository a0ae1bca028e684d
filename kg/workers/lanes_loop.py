"""Asking the lanes from an event loop: to hand a small query to a thread and back costs more than to run it.

So the loop itself takes a place in the fast lane, asks an idle worker and waits for its answer as it waits for clients.
What is not there soon, or is large, or needs a new worker, goes on in a thread (`kg.workers.lanes`).
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Executor
from functools import partial

from kg.errors import CallerGone
from kg.workers.caller import Caller
from kg.workers.lanes import Answer, Asked, Lanes, Running
from kg.workers.queues import Ticket

SOON = 0.1
"""Seconds after which the rest of the waiting for an answer is left to a thread."""
SMALL = 64 * 1024
"""Bytes of an answer that the loop reads; of a larger one a thread reads the rest."""


async def ask(lanes: Lanes, asked: Asked, threads: Executor) -> Answer:
    """Run a query as `Lanes.ask`, in the running loop as far as that needs no waiting; raises what that raises."""
    loop = asyncio.get_running_loop()
    queues = lanes.queues
    entered, running = False, None
    if not queues.is_heavy(asked.key):
        entered = await _enter(loop, lanes, asked)
        running = lanes.begin(asked) if entered else None
    finish = partial(lanes.ask, asked, entered=entered, running=running)
    if running is not None:
        try:
            is_there = await _readable(loop, running)
        except BaseException:  # cancelled: the worker is to be given back all the same
            threads.submit(finish)
            raise
        if is_there:
            return finish()
    return await loop.run_in_executor(threads, finish)


async def _enter(loop: asyncio.AbstractEventLoop, lanes: Lanes, asked: Asked) -> bool:
    """Wait for a place in the fast lane, as `Queues.enter`."""
    queues, caller = lanes.queues, asked.caller
    decided: asyncio.Future[None] = loop.create_future()
    here = threading.get_ident()

    def decide() -> None:
        if not decided.done():
            decided.set_result(None)

    def wake() -> None:
        if threading.get_ident() == here:
            decide()
        else:
            loop.call_soon_threadsafe(decide)

    ticket = queues.join(queues.fast, asked.key, wake)
    if not ticket.outcome:
        await _wait(lanes, ticket, decided, caller)
    return queues.settle(ticket)


async def _wait(lanes: Lanes, ticket: Ticket, decided: asyncio.Future[None], caller: Caller) -> None:
    queues = lanes.queues
    try:
        caller.stop_with(partial(queues.drop, ticket))
        await asyncio.wait({decided}, timeout=queues.patience)
    except CallerGone:
        queues.drop(ticket)
    except BaseException:  # cancelled: nobody will take the place
        queues.drop(ticket)
        if ticket.outcome == "go":
            queues.leave(ticket.lane)
        raise
    finally:
        caller.stop_with(None)


async def _readable(loop: asyncio.AbstractEventLoop, running: Running) -> bool:
    """Wait until a small answer is there as a whole; false if it is large, or not there soon, or will not come."""
    worker = running.worker
    done: asyncio.Future[bool] = loop.create_future()

    def read() -> None:
        state = worker.take_in(SMALL)
        if state is not None and not done.done():
            done.set_result(state)

    def give_up() -> None:
        if not done.done():
            done.set_result(False)

    number = worker.fileno()
    loop.add_reader(number, read)
    timer = loop.call_later(SOON, give_up)
    try:
        return await done
    finally:
        timer.cancel()
        loop.remove_reader(number)
