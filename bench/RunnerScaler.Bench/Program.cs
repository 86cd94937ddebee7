using System.Globalization;
using System.Text.Json;
using RunnerScaler.Bench;
using RunnerScaler.Sandbox.Cluster.Real;

if (RealApiServer.WhyNot() is { } reason)
{
    Console.Error.WriteLine(reason);
    return 2;
}
var jobs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 300;
var result = await new BurstOnRealServer(jobs, TimeProvider.System).RunAsync(CancellationToken.None);
Console.WriteLine(JsonSerializer.Serialize(result, Figures.Json));
return 0;
