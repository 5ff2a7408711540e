/** Questions to a trace: best setting, sweep, comparison, everything for a report; no printing. */
package redraft.study;
