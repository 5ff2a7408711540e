/**
 * What happens in a step, never what it costs: {@link Step}, {@link StepShape}, {@link StepSink},
 * {@link StepLog}.
 */
package redraft.steps;
