/** Predicted beside published; the costs of engines fitted to published runs and to one's own. */
package redraft.validation;
