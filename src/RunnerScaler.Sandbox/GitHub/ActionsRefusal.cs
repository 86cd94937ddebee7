namespace RunnerScaler.Sandbox.GitHub;

/// <summary>The Actions service says no: the status code, kind and message that it would answer with.</summary>
internal sealed class ActionsRefusal(int statusCode, string kind, string message) : Exception(message)
{
    private const string Runtime = "GitHub.Actions.Runtime.WebApi";
    private const string Tasks = "GitHub.DistributedTask.WebApi";

    public int StatusCode { get; } = statusCode;

    /// <summary>The short name of the exception, for example <c>RunnerScaleSetNotFoundException</c>.</summary>
    public string Kind { get; } = kind;

    /// <summary>Its full name, with that of its assembly.</summary>
    public string TypeName
    {
        get
        {
            var home = Kind.StartsWith("TaskAgent", StringComparison.Ordinal) ? Tasks : Runtime;
            return $"{home}.{Kind}, {home}";
        }
    }

    public static ActionsRefusal NoSet(long id) => new(
        404, "RunnerScaleSetNotFoundException", $"No runner scale set found with identifier {id}.");

    public static ActionsRefusal SessionExpired(Guid id) => new(
        400, "RunnerScaleSetSessionExpiredException", $"The session identifier {id} is not valid.");

    public static ActionsRefusal NoAgent(long id) => new(
        404, "TaskAgentNotFoundException", $"No agent found with identifier {id}.");

    public static ActionsRefusal Invalid(string message) => new(400, "ArgumentException", message);

    public static ActionsRefusal Unauthorized(string message) => new(401, "UnauthorizedAccessException", message);
}
