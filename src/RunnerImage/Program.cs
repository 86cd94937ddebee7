using System.Runtime.Versioning;
using RunnerImage;

[assembly: SupportedOSPlatform("linux")]

return await Names.RunAsync(Environment.GetCommandLineArgs());
