using System.Text;
using Director.Cli;
using Director.Cli.Ipvsadm;
using Director.Cli.Ipvsadm.Names;
using Director.Cli.Tool;
using Director.Cli.Transport;

string program = ProgramName.AsCalled();
if (!ProgramName.IsIpvsadm(program))
    return await DirectorTool.RunAsync(args);

UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
using DirectorApiClient director = new(DirectorSocket.Find());
using StreamWriter output = new(Console.OpenStandardOutput(), utf8, bufferSize: 64 * 1024);
using StreamWriter errors = new(Console.OpenStandardError(), utf8) { AutoFlush = true };
using StreamReader input = new(Console.OpenStandardInput(), utf8);
return await new IpvsadmProgram(program, director, new SystemNameResolver()).RunAsync(args, input, output, errors);
