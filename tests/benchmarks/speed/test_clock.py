"""What the clock counts."""

import subprocess
import sys
import time

from explorer.benchmarks.speed import Clock

BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint(time.process_time())"


def test_the_processor_time_of_a_child_counts():
    clock = Clock()
    with clock:
        child = float(subprocess.run([sys.executable, "-c", BURN], capture_output=True, text=True, check=True).stdout)
    assert clock.core_seconds >= child >= 0.3


def test_what_happens_before_and_after_does_not_count_and_several_times_add_up():
    clock = Clock()
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    for _ in range(2):
        before = clock.seconds
        with clock:
            time.sleep(0.05)  # takes time and no processor
        assert clock.seconds >= before + 0.05
    assert clock.core_seconds < 0.1
