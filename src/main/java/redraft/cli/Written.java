package redraft.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An option whose value is a file or folder that is written; all others that name files are read.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Written {
  /** What is written into a folder, as globs; {@code **} where all that it holds is replaced. */
  String[] files() default {};
}
