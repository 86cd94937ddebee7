using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>
/// Arguments as the kernel takes them: pointers to bytes that end with a null, and a null at the end.
/// </summary>
internal sealed class ArgumentList : IDisposable
{
    private readonly nint[] pointers;
    private GCHandle pin;

    public ArgumentList(IReadOnlyList<string> arguments)
    {
        pointers = [.. RawArguments.Restore(arguments).Select(Copy), 0];
        pin = GCHandle.Alloc(pointers, GCHandleType.Pinned);
    }

    public nint Pointer => pin.AddrOfPinnedObject();

    public void Dispose()
    {
        pin.Free();
        foreach (var pointer in pointers)
            Marshal.FreeCoTaskMem(pointer);
    }

    private static nint Copy(byte[] text)
    {
        var copy = Marshal.AllocCoTaskMem(text.Length + 1);
        Marshal.Copy(text, 0, copy, text.Length);
        Marshal.WriteByte(copy, text.Length, 0);
        return copy;
    }
}
