/** Every metric, once; intervals, break-even. */
package redraft.metrics;
