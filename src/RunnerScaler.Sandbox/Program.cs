using System.CommandLine;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Scenario;
using Spectre.Console;

var json = new Option<bool>("--json") { Description = "Write the summary as one JSON object to standard output." };
var scenario = new Option<string>("--scenario")
{
    Description = $"One of {string.Join(", ", Scenarios.Names)}, or a YAML file.",
    DefaultValueFactory = _ => Scenarios.Default,
};
var seed = new Option<int>("--seed") { Description = "Fixes what is random.", DefaultValueFactory = _ => 1 };
var feed = new Option<Feed>("--feed")
{
    Description = "How the controller learns of jobs: Poll; besides, Deliveries (the log of a webhook) or Webhooks; "
        + "or, instead, ScaleSet.",
    DefaultValueFactory = _ => Feed.Poll,
};
var lost = new Option<double>("--webhooks-lost")
{
    Description = "The share of webhooks, or of entries in their log, that never arrive: 0 to 1.",
};
var twice = new Option<double>("--webhooks-twice") { Description = "The share that arrives twice." };
var late = new Option<double>("--webhooks-late") { Description = "The share that others overtake, by up to 30 s." };
var keepRunning = new Option<bool>("--keep-running") { Description = "Go on after the last job, until Ctrl-C." };
var command = new RootCommand("A GitHub organisation and a cluster in a box, with the real RunnerScaler at work.")
{
    json, scenario, seed, feed, lost, twice, late, keepRunning,
};
command.SetAction(async (given, cancel) =>
{
    // With --json, standard output belongs to the summary.
    var console = given.GetValue(json)
        ? AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error), Interactive = InteractionSupport.No })
        : AnsiConsole.Console;
    var progress = new ProgressView(console, TimeProvider.System);
    try
    {
        var spec = Scenarios.Find(given.GetValue(scenario)!, new Random(given.GetValue(seed)))
            ?? ScenarioFile.Read(given.GetValue(scenario)!);
        var settings = new FeedSettings(given.GetValue(feed), new()
        {
            Lost = given.GetValue(lost),
            Twice = given.GetValue(twice),
            Late = given.GetValue(late),
        });
        var summary = await new SandboxRun(spec, settings, given.GetValue(seed), progress, TimeProvider.System)
            .RunAsync(given.GetValue(keepRunning), cancel);
        progress.Show(summary);
        if (given.GetValue(json))
            Console.WriteLine(summary.ToJson());
        return summary.Succeeded ? 0 : 1;
    }
    catch (Exception e) when (e is ScenarioException or BoxException)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
    catch (OperationCanceledException) when (cancel.IsCancellationRequested)
    {
        progress.Say("Stopped.");
        return 130;
    }
});
return await command.Parse(args).InvokeAsync();
