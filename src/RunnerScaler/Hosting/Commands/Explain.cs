using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Hosting.Commands;

/// <summary><c>explain</c>: asks a controller of the cluster why a job waits.</summary>
internal static class Explain
{
    private const string Json = "json";
    private const string AsJson = "application/json";

    /// <summary>The API server's own refusals come as JSON whatever is asked for, if that is taken too.</summary>
    private const string AsText = "text/plain, application/json;q=0.5";

    public static Command Command { get; } = new(
        "explain",
        "Says what a job, the jobs of a run, a pod or a pool waits for, and what to change.",
        [
            new(Json, "false", "whether to answer in JSON, with the fields of docs/explain.md") { IsFlag = true },
            .. ControllerArguments.Declared,
        ],
        RunAsync)
    {
        Operand = Inquiry.Forms,
    };

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        if (call.Operand.Length == 0)
            throw new CommandException($"Say what to explain: {Inquiry.Forms}.");
        var (isJson, arguments) = (call.Flag(Json), ControllerArguments.Of(call));
        var inquiry = Inquiry.Read(call.Operand, arguments.Namespace);
        if (inquiry is not Inquiry.Understood(var paths))
            throw new CommandException(((Inquiry.Wrong)inquiry).Why);
        using var api = call.Connect();
        var (controller, why) = await arguments.FindAsync(api, cancel);
        if (controller is null)
            return await RefuseAsync(call, why);
        List<string> refused = [];
        foreach (var path in paths)
        {
            var reply = await controller.AskAsync(path, isJson ? AsJson : AsText, cancel);
            if (reply.Ok)
            {
                await call.Output.WriteLineAsync(Plain(reply.Text).TrimEnd('\n'));
                return ExitCode.Success;
            }
            refused.Add(reply.Text.Trim());
            if (reply.Code != 404)
                break;
        }
        return await RefuseAsync(call, string.Join('\n', refused.Distinct()));
    }

    private static async Task<int> RefuseAsync(CommandCall call, string why)
    {
        await call.Error.WriteLineAsync(Plain(why));
        return ExitCode.Failed;
    }

    /// <summary>Whatever it is that answers: a terminal obeys nothing of it.</summary>
    private static string Plain(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Shown(int.MaxValue)));
}
