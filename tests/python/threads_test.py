# The thread rule: compile and run let other Python threads go on, clones run beside each other with equal results, and a
# session that another thread is using refuses a call.
import threading
import time

import numpy as np
import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")
pytest.importorskip("onnx")

import networks  # noqa: E402


class Ticks:
    """A thread of Python that counts; what it counts while a call runs shows that the call does not hold the GIL."""

    def __enter__(self):
        self.count, self._end = 0, threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def _run(self):
        while not self._end.wait(0.002):
            self.count += 1

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def during(self, call):
        before, start = self.count, time.monotonic()
        call()
        return self.count - before, time.monotonic() - start


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return networks.large(tmp_path_factory.mktemp("large") / "net.onnx")


def image(seed=1):
    return np.random.default_rng(seed).standard_normal((1, 64, 80, 80)).astype(np.float32)


# At 2 ms each a free thread counts hundreds a second, one that is shut out counts before and after.
def lets_others_run(count, seconds):
    assert seconds > 0.1
    return count > 20 * seconds


def test_a_call_that_holds_the_gil_is_told_apart():
    with Ticks() as ticks:
        assert not lets_others_run(*ticks.during(lambda: 3**3_000_000))


def test_compile_lets_other_threads_run(model, tmp_path):
    with Ticks() as ticks:
        assert lets_others_run(*ticks.during(lambda: espalier.compile(model, tmp_path / "net.esp", calibration=[image()])))


def test_run_lets_other_threads_run(model):
    session = espalier.Session(model, kernels="portable")
    sample = image()
    with Ticks() as ticks:
        assert lets_others_run(*ticks.during(lambda: session.run(sample)))


def test_clones_in_threads_give_what_one_session_gives(model):
    session = espalier.Session(model)
    samples = [image(seed) for seed in range(8)]
    wanted = [session.run(sample)["y"] for sample in samples]
    got = [[], []]

    def work(clone, results):
        results.extend(clone.run(sample)["y"] for sample in samples)

    threads = [threading.Thread(target=work, args=(session.clone(), results)) for results in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for results in got:
        assert len(results) == len(wanted)
        assert all(np.array_equal(result, reference) for result, reference in zip(results, wanted))


def test_a_session_in_use_refuses_another_thread(model):
    session = espalier.Session(model, kernels="portable")
    sample, started = image(), threading.Event()

    def work():
        started.set()
        session.run(sample)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    refused = None
    while thread.is_alive() and refused is None:
        try:
            session.decode("mask")
        except espalier.Error as wrong:
            refused = str(wrong) if "another thread" in str(wrong) else None
    thread.join()
    assert refused == "another thread is using this session; give each thread its own: session.clone()"
    session.run(sample)
