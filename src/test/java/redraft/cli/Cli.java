package redraft.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One run of the program: its exit code and what it printed. */
record Cli(int exit, String out, String err) {
  static Cli run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = Main.execute(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Cli(exit, out.toString(), err.toString());
  }
}
