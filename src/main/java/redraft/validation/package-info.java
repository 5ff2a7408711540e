/** Predicted beside published. */
package redraft.validation;
