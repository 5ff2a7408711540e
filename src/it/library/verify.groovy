// The class path has nothing of models and the command line, and the example prints what docs/library.md shows.
File lib = new File(basedir, 'target/lib')
List jars = lib.list().sort()
List unwanted = jars.findAll { it =~ /onnxruntime|tokenizers|jna|slf4j|jinjava|guava|protobuf|snakeyaml|picocli|progressbar/ }
assert unwanted == []

File home = basedir.parentFile.parentFile.parentFile // target/it/library
String path = [new File(basedir, 'target/classes'), new File(lib, '*')].join(File.pathSeparator)
File java = new File(System.getProperty('java.home'), 'bin/java')
Process run = new ProcessBuilder("$java", '-Djava.awt.headless=true', '-cp', path, 'example.ReplayATrace',
    'traces/smollm2-t1.jsonl.gz').directory(home).redirectErrorStream(true).start()
String printed = run.inputStream.getText('UTF-8')
assert run.waitFor() == 0 : printed

String page = new File(home, 'docs/library.md').getText('UTF-8')
assert printed.normalize() == page.split('```text\n')[1].split('```')[0]
println "the example ran on ${jars.size()} jars of ${(lib.listFiles()*.length().sum() / 1e6).round()} MB: ${jars.join(' ')}"
