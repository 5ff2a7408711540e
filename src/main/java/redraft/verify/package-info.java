/** Verification rules: live decision and replay law of each in one file. */
package redraft.verify;
