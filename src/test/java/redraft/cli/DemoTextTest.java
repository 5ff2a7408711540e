package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.validation.live.Noise;
import redraft.validation.live.ProcessorUse;

class DemoTextTest {
  private static String machine(ProcessorUse use) {
    List<Noise.Turn> steady = Collections.nCopies(4, new Noise.Turn(2, 3));
    return DemoText.machine(Noise.of(steady, List.of(), use, 2)).replace("\r\n", "\n");
  }

  @Test
  void aQuietMachineIsCalledQuiet() {
    assertEquals(
        "Machine     quiet enough to compare: the middle half of plain decoding took 1.00 to 1.00 times the usual,"
            + " other work took 2% of the processors\n",
        machine(new ProcessorUse(2, 0, 0.02, 0)));
  }

  @Test
  void aBusyMachineIsCalledBusyWithItsCause() {
    assertEquals(
        "Machine     too busy to compare: other work takes 40% of the 2 processors, and decoding asks for 2;"
            + " try again when it is quiet\n            the middle half of plain decoding took 1.00 to 1.00"
            + " times the usual, other work took 40% of the processors\n",
        machine(new ProcessorUse(2, 0.3, 0.4, 0)));
  }

  @Test
  void whatIsNotKnownOfOtherWorkIsNotSaid() {
    assertEquals(
        "Machine     too busy to compare: decoding waits 30% of the time for a processor; try again when it is"
            + " quiet\n            the middle half of plain decoding took 1.00 to 1.00 times the usual\n",
        machine(new ProcessorUse(4, 0.3, Double.NaN, Double.NaN)));
  }
}
