/* The transport over MPI, compiled once for each library (CMakeLists.txt): the door to mpi.h. */
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>

#include "../transport.h"

static MPI_Comm numbers, notes; /* copies of the world: nobody else's messages come between */
static int size_now;

/* The last note to each process. */
static struct sent {
  ms_note note;
  MPI_Request request;
} *sent;

static int open_world(int *rank, int *size)
{
  int given;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS) return -1;
  MPI_Comm_dup(MPI_COMM_WORLD, &numbers);
  MPI_Comm_dup(MPI_COMM_WORLD, &notes);
  MPI_Comm_set_errhandler(numbers, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(notes, MPI_ERRORS_RETURN);
  MPI_Comm_rank(numbers, rank);
  MPI_Comm_size(numbers, size);
  size_now = *size;
  sent = calloc((size_t)*size, sizeof *sent);
  for (int i = 0; sent && i < *size; i++) sent[i].request = MPI_REQUEST_NULL;
  return sent ? 0 : -1;
}

/* ---- numbers ------------------------------------------------------------------------------ */
/* The request on the heap, as long as it lasts; NULL where it was refused. */
static void *started(MPI_Request *request, int status)
{
  if (request && status == MPI_SUCCESS) return request;
  free(request);
  return NULL;
}

static MPI_Request *new_request(size_t n)
{
  return n <= INT_MAX ? malloc(sizeof(MPI_Request)) : NULL;
}

static void *sum(void *x, size_t n, MPI_Datatype type)
{
  MPI_Request *r = new_request(n);
  return started(r, r ? MPI_Iallreduce(MPI_IN_PLACE, x, (int)n, type, MPI_SUM, numbers, r) : -1);
}

static void *sum_floats(float *x, size_t n) { return sum(x, n, MPI_FLOAT); }
static void *sum_doubles(double *x, size_t n) { return sum(x, n, MPI_DOUBLE); }

static void *broadcast(void *bytes, size_t n, int root)
{
  MPI_Request *r = new_request(n);
  return started(r, r ? MPI_Ibcast(bytes, (int)n, MPI_BYTE, root, numbers, r) : -1);
}

static void *send_bytes(const void *bytes, size_t n, int to, int tag)
{
  MPI_Request *r = new_request(n);
  return started(r, r ? MPI_Isend(bytes, (int)n, MPI_BYTE, to, tag, numbers, r) : -1);
}

static void *receive(void *bytes, size_t n, int from, int tag)
{
  MPI_Request *r = new_request(n);
  return started(r, r ? MPI_Irecv(bytes, (int)n, MPI_BYTE, from, tag, numbers, r) : -1);
}

static int test(void *request)
{
  int done = 0;
  const int status = MPI_Test(request, &done, MPI_STATUS_IGNORE);
  if (status == MPI_SUCCESS && !done) return 0;
  free(request);
  return status == MPI_SUCCESS ? 1 : -1;
}

/* ---- notes -------------------------------------------------------------------------------- */
static void send_note(const ms_note *note, int to)
{
  int done = 0;
  if (MPI_Test(&sent[to].request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || !done) return;
  sent[to].note = *note;
  MPI_Isend(&sent[to].note, sizeof *note, MPI_BYTE, to, 0, notes, &sent[to].request);
}

static int receive_note(ms_note *note)
{
  int there = 0;
  MPI_Status status;
  if (MPI_Iprobe(MPI_ANY_SOURCE, 0, notes, &there, &status) != MPI_SUCCESS || !there) return 0;
  return MPI_Recv(note, sizeof *note, MPI_BYTE, status.MPI_SOURCE, 0, notes, MPI_STATUS_IGNORE) ==
         MPI_SUCCESS;
}

/* ---- the end ------------------------------------------------------------------------------ */
/* Statuses are known modulo 256: one of 256 would be a success. */
static void end_all(int status)
{
  MPI_Abort(MPI_COMM_WORLD, status % 256 ? status % 256 : 1);
}

static void close_world(void)
{
  ms_note late;
  for (int i = 0; i < size_now; i++) MPI_Wait(&sent[i].request, MPI_STATUS_IGNORE);
  MPI_Barrier(notes);
  while (receive_note(&late)) {}
  free(sent);
  MPI_Comm_free(&notes);
  MPI_Comm_free(&numbers);
  MPI_Finalize();
}

const ms_transport *ms_transport_of_library(void)
{
  static const ms_transport transport = {
    .version = MS_TRANSPORT_VERSION, .name = MS_MPI_LIBRARY, .open = open_world,
    .sum_floats = sum_floats, .sum_doubles = sum_doubles, .broadcast = broadcast,
    .send = send_bytes, .receive = receive, .test = test, .send_note = send_note,
    .receive_note = receive_note, .end = end_all, .close = close_world,
  };
  return &transport;
}
