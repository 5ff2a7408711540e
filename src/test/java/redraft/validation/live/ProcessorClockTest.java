package redraft.validation.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.validation.live.ProcessorClock.Machine;

class ProcessorClockTest {
  private static final long SECOND = 1_000_000_000;

  // user 100, nice 1, system 50, idle 800, iowait 10, irq 2, softirq 5, steal 32; guest 7 in user
  @Test
  void ticksOfIdleWaitingAndStolenTimeAreNotBusy() {
    Machine machine =
        Machine.of(
            List.of(
                "cpu  100 1 50 800 10 2 5 32 7 0",
                "cpu0 50 1 25 400 5 1 3 16 7 0",
                "cpu1 50 0 25 400 5 1 2 16 0 0",
                "intr 9 9"));
    assertEquals(new Machine(2, 158, 32, 1000), machine);
  }

  @Test
  void anotherFileIsNotRead() {
    assertNull(Machine.of(List.of()));
    assertNull(Machine.of(List.of("processor : 0")));
    assertNull(Machine.of(List.of("cpu  1 2 3 4")));
  }

  // in 10 s the thread ran 8 s and the program 12 s of 20; the machine was busy 1500 ticks of 2000
  @Test
  void othersHaveWhatTheProgramLeavesOfTheBusyTime() {
    ProcessorClock before =
        new ProcessorClock(5 * SECOND, SECOND, 3 * SECOND, new Machine(2, 100, 7, 400));
    ProcessorClock after =
        new ProcessorClock(15 * SECOND, 9 * SECOND, 15 * SECOND, new Machine(2, 1600, 107, 2400));
    ProcessorUse use = after.since(before);
    assertEquals(2, use.processors());
    assertEquals(0.2, use.waiting(), 1e-12);
    assertEquals(0.75 - 0.6, use.others(), 1e-12);
    assertEquals(100 / 2000.0, use.stolen(), 1e-12);
  }

  @Test
  void whatTheSystemDoesNotTellIsNotKnown() {
    ProcessorUse use =
        new ProcessorClock(SECOND, -1, -1, null).since(new ProcessorClock(0, -1, -1, null));
    assertTrue(Double.isNaN(use.waiting()));
    assertTrue(Double.isNaN(use.others()));
    assertTrue(Double.isNaN(use.stolen()));
  }
}
