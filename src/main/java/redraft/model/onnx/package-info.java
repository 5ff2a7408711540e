/** Models and tokenizer of a directory, run by ONNX Runtime and DJL. */
package redraft.model.onnx;
