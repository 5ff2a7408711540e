/** Predicted beside the clock. */
package redraft.validation.live;
