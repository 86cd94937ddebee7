using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// What a handler answers in place of GitHub: nothing was sent, or nothing came that could be used. Its status is 0. No
/// server can make one.
/// </summary>
internal sealed class FailedResponse(Failure failure) : HttpResponseMessage(0)
{
    public Failure Failure => failure;
}
